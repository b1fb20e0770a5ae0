/* The scripts of the emulated WISA engine and skin: options, reviews that open, lists that go on. */
(() => {
  const exec = (fields, body) => fetch(`/main/exec.php?${new URLSearchParams(fields)}`, body && {
    method: 'POST', body: new URLSearchParams(body),
  });
  const piece = async (fields) => (await exec({ exec_file: 'skin_module/skin_ajax.php', striplayout: 1, ...fields })).json();

  /* Which values of the next choice are sold out is asked for with the numbers of all that was chosen before. */
  window.optionCal = async (form, number, value, control) => {
    const name = (control && control.name) || `option${number}`, suffix = (name.match(/\[.*$/) || [''])[0];
    const at = parseInt(String(number), 10), items = [];
    for (let axis = 1; axis <= at; axis += 1) {
      const named = [...document.getElementsByName(`option${axis}${suffix}`)];
      const chosen = named.find((one) => one.type !== 'radio' || one.checked);
      const parts = ((chosen && chosen.value) || '').split('::');
      if (parts.length > 3) items.push(parts[3]);
    }
    const next = [...document.getElementsByName(`option${at + 1}${suffix}`)];
    if (!value || !next.length) return;
    const answer = await exec({ exec_file: 'shop/getAjaxData.php', exec: 'getOptionStock', item_no: items.map((one) => `@${one}`).join('') });
    const gone = new Set((await answer.text()).split('@').map((one) => one.trim()).filter(Boolean));
    const mark = (element, text) => {
      const out = gone.has((text.split('::')[3] || ''));
      element.toggleAttribute('disabled', out);
      const label = element.tagName === 'OPTION' ? element : element.parentElement;
      if (element.tagName === 'OPTION') label.textContent = label.textContent.replace(' (품절)', '') + (out ? ' (품절)' : '');
    };
    for (const one of next) {
      if (one.tagName === 'SELECT') [...one.options].forEach((option) => mark(option, option.value));
      else if (one.type === 'radio') mark(one, one.value);
      else document.querySelectorAll(`.optChipSet${at + 1}`).forEach((chip) => chip.classList.toggle('soldout', gone.has(chip.getAttribute('data'))));
    }
  };
  window.selectOptionChip = (number, value, chip) => {
    const control = document.getElementsByName(`option${number}`)[0];
    document.querySelectorAll(`.optChipSet${parseInt(String(number), 10)}`).forEach((one) => one.classList.remove('on'));
    chip.classList.add('on');
    if (control) control.value = value;
    window.optionCal(document.prdFrm, number, value, control);
  };

  /* The next piece of a list, or of a product's reviews. */
  window.prdMore = async (button, file, module) => {
    const reviews = module === 'detail_review_list';
    const list = document.getElementById(reviews ? 'detail_review_ajax_list' : 'prd_basic');
    const page = Number(button.dataset.page || 1) + 1;
    button.dataset.page = String(page);
    const about = reviews ? { pno: button.dataset.pno } : { cno1: button.dataset.cno1 };
    const told = await piece({ obj_id: list.id, _tmp_file_name: file, single_module: module, module_page: page, ...about });
    list.insertAdjacentHTML('beforeend', told.content || '');
    if (!told.content) button.remove();
  };
  window.reloadProductBoard = async (kind, query) => {
    const asked = new URLSearchParams(query.replace(/^\?/, '').replace(/#.*$/, ''));
    const told = await piece({
      obj_id: `detail_${kind}_ajax_list`, _tmp_file_name: 'shop_detail.php', single_module: `detail_${kind}_list`,
      module_page: asked.get('rev_page') || 1, pno: asked.get('pno'),
    });
    document.getElementById(`detail_${kind}_ajax_list`).innerHTML = told.content;
  };

  window.prdBoardView = async (kind, number) => {
    const body = { exec_file: 'shop/review_reg.exe.php', exec: 'view', no: number, urlfix: 'Y' };
    const answer = await (await exec({}, body)).text();
    const told = new DOMParser().parseFromString(answer, 'text/html').getElementById(`revContent${number}`);
    const place = document.getElementById(`revContent${number}`);
    if (told && place) { place.innerHTML = told.innerHTML; place.style.display = 'block'; }
  };
  window.openReviewDetail = (number) => { document.getElementById(`revContent${number}`).style.display = 'block'; };
  for (const name of ['addCart', 'zoomView', 'rvQnaHit', 'quickDetailPopup', 'cartPartCartAjax']) window[name] = () => {};

  document.addEventListener('DOMContentLoaded', async () => {
    const place = document.getElementById('drawn');
    if (place) {
      await new Promise((done) => { setTimeout(done, 30); });
      place.outerHTML = window.drawn;
    }
    const list = document.querySelector('[data-autoload]');
    if (!list) return;
    const told = await piece({
      obj_id: list.id, _tmp_file_name: 'shop_detail.php', single_module: 'detail_review_list', module_page: 1, pno: list.dataset.autoload,
    });
    list.innerHTML = told.content;
  });
})();
