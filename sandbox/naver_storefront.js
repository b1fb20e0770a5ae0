/* The emulated SmartStore page: it fetches its product and, once the review area is wanted, its reviews by itself. */
(() => {
  const state = window.__PRELOADED_STATE__, page = window.__PAGE__;
  const api = (path, body) => fetch(`/${page.prefix}/${path}`, {
    method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'x-client-version': '20261101101112', 'x-client-rtk': page.rtk, 'x-client-rts': page.rts },
  });
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const day = (text) => {
    const at = new Date(new Date(text).getTime() + 9 * 3600e3).toISOString();
    return `${at.slice(2, 4)}.${at.slice(5, 7)}.${at.slice(8, 10)}.`;
  };
  const broken = (text) => text.split('\n').flatMap((line, place) => (place ? [make('br'), line] : [line]));
  const area = document.querySelector('#REVIEW');
  let product, sort = 'REVIEW_RANKING', begun = false;

  const ask = async (number, wanted = sort) => {
    sort = wanted;
    const answer = page.group
      ? await api(`v1/contents/reviews/group-products/product-summary/${page.group}/reviews/GENERAL?checkoutMerchantNo=${page.merchant}&searchSortType=${sort}&page=${number}&pageSize=20`)
      : await api('v1/contents/reviews/query-pages', { checkoutMerchantNo: page.merchant, originProductNo: Number(product.productNo), page: number, pageSize: 20, reviewSearchSortType: sort });
    if (answer.status !== 200) return null;
    return answer.json();
  };

  /* Generation A: numbered pages inside the page itself. */
  const legacy = {
    async show(number, wanted) {
      const told = await ask(number, wanted);
      if (!told) return;
      const list = make('ul');
      for (const one of told.contents) {
        list.append(make('li', {}, make('div', { class: '_1YShY6EQ56' },
          make('div', { class: '_2V6vMO_iLm' }, make('span', { class: 'blind' }, '평점'), make('em', { class: '_15NU42F3kT' }, String(one.reviewScore))),
          make('div', { class: '_2FXNMst_ak' }, make('strong', { class: '_2L3vDiadT9' }, one.maskedWriterId), make('span', { class: '_2L3vDiadT9' }, day(one.createDate)), make('div', {}, one.productOptionContent || '')),
          make('div', { class: '_3z6gI4oI6l' }, make('span', {}, ...broken(one.reviewContent))))));
      }
      const sorts = make('ul', { role: 'radiogroup' });
      for (const [word, name] of SORTS) {
        const button = make('button', { type: 'button', role: 'radio', 'aria-checked': String(name === sort) }, word);
        button.onclick = () => legacy.show(1, name);
        sorts.append(make('li', {}, button));
      }
      const pager = make('div', { role: 'menubar' });
      const first = Math.floor((told.page - 1) / 10) * 10 + 1, last = Math.min(first + 9, told.totalPages);
      const link = (word, target, name, hidden) => {
        const anchor = make('a', { href: '#', role: 'button', 'data-shp-area': name, 'aria-hidden': String(hidden) }, word);
        anchor.onclick = (event) => { event.preventDefault(); if (!hidden) legacy.show(target); };
        return anchor;
      };
      pager.append(link('이전', first - 1, 'revlist.pgprev', first === 1));
      for (let at = first; at <= last; at += 1) {
        const anchor = make('a', { href: '#', role: 'menuitem', 'aria-current': String(at === told.page), 'data-shp-area': 'revlist.pgn' }, String(at));
        anchor.onclick = (event) => { event.preventDefault(); legacy.show(at); };
        pager.append(anchor);
      }
      pager.append(link('다음', last + 1, 'revlist.pgnext', last >= told.totalPages));
      area.replaceChildren(sorts, make('div', {}, make('div', {}, make('div', { class: '_2LvIMaBiIO' }, make('div', { class: '_2g7PKvqCKe' }, list)))), pager);
    },
    begin() { return legacy.show(1); },
  };

  /* Generation B: a preview, and a dialog that grows while it is scrolled. */
  const SORTS = [['랭킹순', 'REVIEW_RANKING'], ['최신순', 'REVIEW_CREATE_DATE_DESC'], ['평점 높은순', 'REVIEW_SCORE_DESC'], ['평점 낮은순', 'REVIEW_SCORE_ASC']];
  const dialog = {
    async begin() {
      const told = await ask(1);
      if (!told) return;
      const list = make('ul');
      for (const one of told.contents.slice(0, 3)) {
        list.append(make('li', {}, make('a', { href: '#', 'data-shp-contents-type': 'review', 'data-shp-area-id': 'review', 'data-shp-contents-id': String(one.id), 'data-shp-inventory': 'revlist' },
          make('div', {}, make('strong', {}, make('span', { class: 'blind' }, '평점'), String(one.reviewScore)), make('div', {}, one.maskedWriterId), make('div', {}, day(one.createDate))),
          make('div', {}, one.productOptionContent || ''), make('div', { class: 'W2ktnZBARU' }, ...broken(one.reviewContent)))));
      }
      const button = make('button', { type: 'button' }, '리뷰 전체보기');
      button.onclick = () => dialog.open();
      area.replaceChildren(make('h3', {}, `리뷰 ${told.totalElements}`), list, button);
    },
    async open() {
      const list = make('ul', { id: 'REVIEW_LIST' });
      const scroller = make('div', { class: 'ckqgS03UN6', style: 'height:600px;overflow-y:auto' }, list);
      const sorts = make('ul', { role: 'radiogroup' });
      let next = 1, pages = 1, busy = false, turn = 0;
      const more = async (wanted) => {
        if (busy || next > pages) return;
        busy = true;
        const mine = turn, told = await ask(next, wanted);
        if (mine !== turn) return;
        busy = false;
        if (!told) return;
        pages = told.totalPages;
        next = told.page + 1;
        for (const one of told.contents) list.append(item(one));
      };
      for (const [word, name] of SORTS) {
        const button = make('button', { type: 'button', role: 'radio', 'aria-checked': String(name === sort), class: 'laRRkiyiCf' }, word, make('span', { class: 'blind' }, '정렬하기'));
        button.onclick = () => {
          turn += 1; busy = false; next = 1; pages = 1;
          list.replaceChildren();
          scroller.scrollTop = 0;
          for (const other of sorts.querySelectorAll('button')) other.setAttribute('aria-checked', String(other === button));
          more(name);
        };
        sorts.append(make('li', { class: 'ro3GJ_QEfF' }, button));
      }
      scroller.addEventListener('scroll', () => { if (scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - 200) more(); });
      document.body.append(make('div', { role: 'dialog', 'aria-modal': 'true' },
        make('div', { id: 'REVIEW_LIST_TOP' }, make('button', { type: 'button', class: 'ohszb8eHEV' }, '닫기'), make('h2', {}, '리뷰'), sorts, scroller)));
      await more('REVIEW_RANKING');
    },
  };
  const item = (one) => {
    const score = make('div', { class: 'F6N7Rr56mQ' });
    score.append(document.createElementNS('http://www.w3.org/2000/svg', 'svg'), String(one.reviewScore));
    if (one.reviewType !== 'NORMAL') score.append(make('em', { class: 'FJNePG7vwX' }, '한달사용'));
    if (one.repurchase) score.append(make('em', { class: 'FJNePG7vwX' }, '재구매'));
    const photos = make('ul');
    for (const photo of one.reviewAttaches.filter((attach) => attach.reviewAttachmentType === 'I')) {
      photos.append(make('li', { class: 'uVSJ8fwmPd' }, make('img', { class: 'G6QVe8dT5G', alt: 'review_image', 'data-src': `${photo.attachUrl}?type=w640` })));
    }
    return make('li', { id: `REVIEW_ITEM_${one.id}`, class: 'N9LWAcN4hj', style: 'min-height:60px' }, score,
      make('div', { class: 'dgOMiF9qbL' }, make('span', { class: 'sDXjr3m0LZ' }, one.maskedWriterId), make('span', { class: 'sDXjr3m0LZ' }, day(one.createDate))),
      make('div', { id: `review_option_${one.id}` }, make('button', { type: 'button' }, make('span', { class: 'dzRGJZVBXB' }, one.productOptionContent || ''))),
      make('p', { id: `review_content_${one.id}`, class: 'Uv4T3VkhKU' }, ...broken(one.reviewContent), make('button', { type: 'button' }, '더보기')), photos);
  };

  const begin = async () => {
    if (begun || !product) return;
    begun = true;
    if (!product.reviewAmount.totalReviewCount) { area.replaceChildren(make('p', {}, '등록된 리뷰가 없습니다.')); return; }
    api(`v1/contents/reviews/product-summary/${product.productNo}?checkoutMerchantNo=${page.merchant}`);
    await (page.generation === 'A' ? legacy : dialog).begin();
  };
  const hydrate = async () => {
    const answer = await api(`v2/channels/${state.channel.channelUid}/products/${page.channel}?withWindow=false`);
    if (answer.status !== 200) return;
    product = await answer.json();
    state.product.A = product;
    document.querySelector('h3._copyable').textContent = product.dispName;
    document.querySelector('[href="#REVIEW"] span').textContent = product.reviewAmount.totalReviewCount.toLocaleString('en');
    document.querySelector('#INTRODUCE').style.height = '1600px';
    for (const tab of document.querySelectorAll('[href="#REVIEW"]')) {
      tab.addEventListener('click', (event) => { event.preventDefault(); area.scrollIntoView(); begin(); });
    }
    new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) begin(); }).observe(area);
  };
  hydrate();
})();
