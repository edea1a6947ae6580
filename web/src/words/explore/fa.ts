/* واژه‌های صفحه‌های کاوش؛ قاعده‌ها در fa.ts است. */
import type { Part } from '../message.ts';
import type { explore as en } from './en.ts';

export const explore: Part<typeof en> = {
  'nav.ways': 'مسیرهای کامل',

  'scope.names': 'نام‌ها از',
  'scope.events': 'خود رویدادها',
  'scope.case': 'سفر',
  'scope.case.map': 'همان که نقشه می‌گوید',
  'scope.case.customer': 'همهٔ یک مشتری',
  'scope.case.instance': 'تا مکثی طولانی',
  'scope.caseHint': 'آنچه یک سفر شمرده می‌شود. یک سفر هرگز از یک مشتری فراتر نمی‌رود.',

  'explore.panel': 'دربارهٔ این عدد',
  'explore.other': 'بیرون از نقشه',
  'explore.unknown': 'نامعلوم',
  'explore.nobody': 'در این دامنه کسی نیست. یک پالایه را بردارید یا دورهٔ بلندتری برگزینید.',
  'explore.share': 'سهم',
  'unit.journeys': { one: 'سفر', other: 'سفر' },
  'people.total': { one: '{n} نفر', other: '{n} نفر' },
  'people.see': { one: 'دیدن {n} نفر', other: 'دیدن {n} نفر' },
  'people.seeThem': 'دیدن آدم‌ها',

  'ways.title': 'مسیرهای کل سفر',
  'ways.text': 'هر سفر درست در یک مسیر است: همان گام‌ها به همان ترتیب.',
  'ways.sum': { one: '{journeys} سفر از یک مسیر رفته‌اند.', other: '{journeys} سفر از {n} مسیر گوناگون رفته‌اند.' },
  'ways.show': 'شمار مسیرها',
  'ways.bar': 'به‌صورت میله',
  'ways.steps': 'گام‌ها به ترتیب',
  'ways.notToScale': 'بدون مقیاس',
  'ways.rest': { one: 'یک مسیر دیگر', other: '{n} مسیر دیگر' },
  'ways.all': 'همهٔ سفرها',
  'ways.nth': 'مسیر {n} از نظر فراوانی',
  'ways.then': ' سپس ',
  'ways.ofAll': 'از همهٔ سفرها',
  'ways.times': '×{n}',
  'ways.length': 'گام‌ها',

  'unit.people': { one: 'نفر', other: 'نفر' },
  'explore.visits': 'مراجعه‌ها',
  'explore.sortBy': 'چیدن بر پایهٔ {name}',

  'touch.text': 'میانگین امتیازها با بازهٔ اطمینان ۹۵٪، همه روی یک محور از ۰ تا ۱۰۰.',
  'touch.by': 'جدا بر پایهٔ',
  'touch.whole': 'هیچ',
  'touch.view.scores': 'وضعیت آن‌ها',
  'touch.view.inventory': 'فهرست',
  'touch.score': 'امتیاز تجربه، بازهٔ اطمینان ۹۵٪',
  'touch.again': 'دوباره آمدند',
  'touch.againText': 'سفرهایی که بیش از یک بار به آن رسیدند',
  'touch.half': 'نیمی تا گام بعدی کمتر از این زمان می‌برند',
  'touch.nine': '۹ از ۱۰ کمتر از این زمان می‌برند',
  'touch.promises': { one: '{broken} از {n} وعده', other: '{broken} از {n} وعده' },
  'touch.ofN': 'از {n}',
};
