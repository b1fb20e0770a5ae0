const c = window.CONFIG, box = document.querySelector('#REVIEW');
let sort = 'REVIEW_RANKING', page = 0, busy = false, list = null, begun = false;
const day = iso => { const d = new Date(new Date(iso).getTime() + 9 * 3600e3);
  return d.toISOString().slice(2, 10).replaceAll('-', '.') + '.'; };
const esc = t => t.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>');
async function fetchPage(n) {
  if (busy) return; busy = true;
  try {
    const answer = await fetch(c.path, {method: 'POST', headers: {'content-type': 'application/json', 'x-client-rtk': c.token},
      body: JSON.stringify({checkoutMerchantNo: 1, originProductNo: c.origin, page: n, pageSize: 20, [c.sortName]: sort})});
    if (!answer.ok || answer.status === 204) return;
    const told = await answer.json(); page = n; show(told);
  } finally { busy = false; }
}
const sorts = () => ['랭킹순', '최신순', '평점 높은순'].map(w =>
  `<li><button role="radio" aria-checked="${(w === '최신순') === (sort === 'REVIEW_CREATE_DATE_DESC')}" data-s="${w}">${w}` +
  `<span class="blind">정렬하기</span></button></li>`).join('');
function wire(root, again) {
  root.querySelectorAll('[data-s]').forEach(b => b.onclick = () => {
    sort = b.dataset.s === '최신순' ? 'REVIEW_CREATE_DATE_DESC' : b.dataset.s === '랭킹순' ? 'REVIEW_RANKING' : 'REVIEW_SCORE_DESC';
    if (list) list.innerHTML = ''; page = 0; again(); fetchPage(1); });
}
const itemA = r => `<li><div><div><span class="blind">평점</span><em>${r.reviewScore}</em></div><div><strong>${r.maskedWriterId}</strong>` +
  `<span>${day(r.createDate)}</span><div>${r.productOptionContent || ''}</div></div><div><span>${esc(r.reviewContent)}</span></div></div></li>`;
const itemB = r => `<li id="REVIEW_ITEM_${r.id}"><div><svg></svg>${r.reviewScore}${r.repurchase ? '<em>재구매</em>' : ''}</div>` +
  `<div><span>${r.maskedWriterId}</span><span>${day(r.createDate)}</span></div><div id="review_option_${r.id}"><button><span>` +
  `${r.productOptionContent || ''}</span></button></div><p id="review_content_${r.id}">${esc(r.reviewContent)}<button>더보기</button></p><ul></ul></li>`;
function show(told) {
  if (c.generation === 'A') {
    const first = Math.floor((page - 1) / 10) * 10 + 1, last = Math.min(first + 9, told.totalPages);
    let pager = ''; for (let n = first; n <= last; n++)
      pager += `<a href="#" role="menuitem" aria-current="${n === page}" data-shp-area="revlist.pgn" data-n="${n}">${n}</a>`;
    box.innerHTML = (c.sortable ? `<ul role="radiogroup">${sorts()}</ul>` : '') + `<ul>${told.contents.map(itemA).join('')}</ul>` +
      `<div role="menubar">${pager}<a href="#" data-shp-area="revlist.pgnext" aria-hidden="${last >= told.totalPages}" data-n="${last + 1}">다음</a></div>`;
    if (c.sortable) wire(box, () => {});
    box.querySelectorAll('[data-n]').forEach(a => a.onclick = e => { e.preventDefault(); fetchPage(Number(a.dataset.n)); });
  } else if (list) {
    list.insertAdjacentHTML('beforeend', told.contents.map(itemB).join(''));
    list.done = told.last;
  } else preview(told);
}
function preview(told) {
  box.innerHTML = `<h3>리뷰 ${told.totalElements}</h3><ul>` + told.contents.slice(0, 3).map(r =>
    `<li><a href="#" data-shp-contents-type="review" data-shp-area-id="review" data-shp-contents-id="${r.id}"><div><strong>` +
    `<span class="blind">평점</span>${r.reviewScore}</strong><div>${r.maskedWriterId}</div><div>${day(r.createDate)}</div></div>` +
    `<div>${r.productOptionContent || ''}</div><div>${esc(r.reviewContent)}</div></a></li>`).join('') + '</ul><button>리뷰 전체보기</button>';
  [...box.querySelectorAll('button')].pop().onclick = open;
}
function open() {
  document.body.insertAdjacentHTML('beforeend', '<div role="dialog">쿠폰</div><div role="dialog"><div id="REVIEW_LIST_TOP"><ul role="radiogroup"></ul>' +
    '<div id="box" style="height:300px;overflow-y:auto"><ul id="REVIEW_LIST"></ul></div></div></div>');
  list = document.querySelector('#REVIEW_LIST'); const group = document.querySelector('#REVIEW_LIST_TOP [role=radiogroup]');
  const draw = () => { if (c.sortable) { group.innerHTML = sorts(); wire(group, draw); } }; draw();
  const scroller = document.querySelector('#box');
  scroller.onscroll = () => { if (scroller.scrollTop + 300 >= scroller.scrollHeight - 5 && !list.done && page) fetchPage(page + 1); };
  page = 0; fetchPage(1);
}
function begin() { if (!begun) { begun = true; fetchPage(1); } }
new IntersectionObserver(seen => { if (seen.some(e => e.isIntersecting)) begin(); }).observe(box);
setTimeout(async () => {
  const told = await (await fetch(c.product)).json();
  if (window.__PRELOADED_STATE__.product.A) window.__PRELOADED_STATE__.product.A = told;
}, c.delay);
for (const address of c.reaches) fetch(address).catch(() => 0);
if (c.bad) { try { new WebSocket(c.bad.socket); } catch (e) {} navigator.serviceWorker && navigator.serviceWorker.register('/worker.js').catch(() => 0);
  window.open('/popup'); alert('hello'); const a = document.createElement('a'); a.href = '/download.zip'; a.download = 'x'; a.click();
  location.href = 'intent://x'; }
