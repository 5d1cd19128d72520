/**
 * What a report page does in the browser: tables that sort, search and page through 100,000 rows, and the theme. A page
 * of rows at a time is all that the browser ever draws, which keeps native tables fast and readable to screen readers.
 * It is text, not a module, since the page must be one file; nothing in it is made from data, and it puts data into the
 * page as text only.
 */
export const pageScript = `
'use strict';
(() => {
  const rowsPerPage = 100;
  /** On paper there is no pager: up to so many rows are printed, the rest is told. */
  const rowsPrintedMax = 2000;
  const tables = new Map();

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  /** One cell. Text of strangers stands in <bdi>, so that right-to-left text does not turn the row around. */
  const renderCell = (column, value) => {
    const cell = make('td', { class: column.kind });
    if (value === null || value === '') return cell;
    switch (column.kind) {
      case 'status':
        cell.append(make('span', { class: 'dot ' + value, 'aria-hidden': 'true' }), value);
        break;
      case 'reason':
        cell.append(make('a', { href: '#reason-' + value }, value));
        break;
      case 'find':
        cell.className = 'code';
        cell.append(make('a', { href: '#interfaces', 'data-find': value }, value));
        break;
      case 'time':
        cell.append(make('time', { datetime: value }, value.slice(0, 16).replace('T', ' ')));
        break;
      case 'prose':
        // What stands between backticks is code.
        cell.append(...value.split('\`').map((part, index) => (index % 2 === 1 ? make('code', {}, part) : part)));
        break;
      case 'name':
        cell.append(make('bdi', {}, value));
        break;
      default:
        cell.append(String(value));
    }
    return cell;
  };

  const format = (number) => number.toLocaleString('en');
  const rowsOf = (number) => format(number) + (number === 1 ? ' row' : ' rows');

  /** What a cell is sorted by; made once for each row, not once for each comparison. */
  const keyOf = (value) => (typeof value === 'string' ? value.toLowerCase() : value);
  const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

  const openTable = (place, { id, title, columns, rows }) => {
    const state = { text: '', filters: new Map(), sort: -1, isDescending: false, page: 0, shown: rows };
    let haystack;
    const search = make('input', { type: 'search', id: 'search-' + id, autocomplete: 'off' });
    const shown = make('span', { class: 'shown', role: 'status' });
    const tools = make('div', { class: 'tools' }, make('label', {}, 'Search', search));
    const head = make('tr');
    const body = make('tbody');
    const table = make('table', {}, make('caption', {}, title), make('thead', {}, head), body);
    const pager = make('div', { class: 'pager', role: 'group', 'aria-label': 'Pages of ' + title });
    const position = make('span');
    const rest = make('p', { class: 'rest' });
    const step = (label, page) => {
      const button = make('button', { type: 'button' }, label);
      button.addEventListener('click', () => { state.page = page(); draw(); });
      return button;
    };
    const last = () => Math.max(0, Math.ceil(state.shown.length / rowsPerPage) - 1);
    const back = [step('First', () => 0), step('Previous', () => state.page - 1)];
    const forth = [step('Next', () => state.page + 1), step('Last', last)];

    const choose = () => {
      const words = state.text.toLowerCase().split(/\\s+/).filter(Boolean);
      if (words.length > 0) haystack ??= rows.map((row) => row.join(' ').toLowerCase());
      const kept = [];
      for (let index = 0; index < rows.length; index++) {
        if (!words.every((word) => haystack[index].includes(word))) continue;
        let isKept = true;
        for (const [column, value] of state.filters) if (value !== '' && rows[index][column] !== value) isKept = false;
        if (isKept) kept.push(rows[index]);
      }
      if (state.sort >= 0) {
        const { sort, isDescending } = state;
        // Rows without a value come last in both directions.
        const isEmpty = (row) => row[sort] === null || row[sort] === '';
        const full = kept.filter((row) => !isEmpty(row)).map((row) => [keyOf(row[sort]), row]);
        full.sort(([one], [other]) => (isDescending ? compare(other, one) : compare(one, other)));
        state.shown = [...full.map(([, row]) => row), ...kept.filter(isEmpty)];
      } else state.shown = kept;
      state.page = 0;
      draw();
    };

    const draw = (rowsMax = rowsPerPage) => {
      const from = state.page * rowsPerPage;
      const drawn = state.shown.slice(from, from + rowsMax);
      body.replaceChildren(
        ...drawn.map((row) => make('tr', {}, ...columns.map((column, index) => renderCell(column, row[index])))),
      );
      const isCut = rowsMax === rowsPrintedMax && drawn.length < state.shown.length;
      const found = format(state.shown.length);
      rest.textContent = isCut ? 'Rows ' + format(from + 1) + ' to ' + format(from + drawn.length) + ' of ' + found + '; the report as CSV has all of them.' : '';
      shown.textContent = state.shown.length === rows.length ? rowsOf(rows.length) : found + ' of ' + rowsOf(rows.length);
      pager.hidden = last() === 0;
      position.textContent = 'Page ' + (state.page + 1) + ' of ' + (last() + 1);
      for (const button of back) button.disabled = state.page === 0;
      for (const button of forth) button.disabled = state.page === last();
    };

    columns.forEach((column, index) => {
      const button = make('button', { type: 'button' }, column.label);
      const cell = make('th', { scope: 'col', class: column.kind === 'number' ? 'number' : '', 'aria-sort': 'none' }, button);
      button.addEventListener('click', () => {
        state.isDescending = state.sort === index && !state.isDescending;
        state.sort = index;
        for (const other of head.children) other.setAttribute('aria-sort', 'none');
        cell.setAttribute('aria-sort', state.isDescending ? 'descending' : 'ascending');
        choose();
      });
      head.append(cell);
      if (!column.isFilter) return;
      const values = [...new Set(rows.map((row) => row[index]))].filter((value) => value !== null && value !== '').sort();
      const select = make('select', { id: 'filter-' + id + '-' + index }, make('option', { value: '' }, 'all'));
      for (const value of values) select.append(make('option', { value }, value));
      select.addEventListener('change', () => { state.filters.set(index, select.value); choose(); });
      tools.append(make('label', {}, column.label, select));
    });
    let timer;
    search.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(() => { state.text = search.value; choose(); }, rows.length > 5000 ? 120 : 0);
    });
    tools.append(shown);
    pager.append(...back, position, ...forth);
    place.replaceChildren(tools, make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title + ', all columns' }, table), rest, pager);
    draw();
    tables.set(id, {
      find: (text) => { search.value = text; state.text = text; choose(); search.focus(); },
      print: () => draw(rowsPrintedMax),
      restore: () => draw(),
    });
  };

  const data = JSON.parse(document.getElementById('data').textContent);
  for (const table of data) {
    const place = document.querySelector('[data-table="' + table.id + '"]');
    if (place !== null) openTable(place, table);
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link) return;
    const wanted = link.getAttribute('data-find');
    const found = tables.get('interfaces');
    const goal = document.getElementById(link.getAttribute('href').slice(1));
    // Keyboard and screen reader go on from where the link led.
    if (wanted === null || !found) return goal?.focus();
    event.preventDefault();
    found.find(wanted);
    goal.scrollIntoView();
  });

  const root = document.documentElement;
  const button = document.querySelector('.theme');
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const showTheme = () => button.setAttribute('aria-pressed', String(isDark()));
  button.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; showTheme(); });
  button.hidden = false;
  showTheme();

  addEventListener('beforeprint', () => { for (const table of tables.values()) table.print(); });
  addEventListener('afterprint', () => { for (const table of tables.values()) table.restore(); });
})();
`;
