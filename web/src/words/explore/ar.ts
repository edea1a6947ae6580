/* كلمات صفحات الاستكشاف؛ القواعد في ar.ts. */
import type { Part } from '../message.ts';
import type { explore as en } from './en.ts';

export const explore: Part<typeof en> = {
  'nav.ways': 'المسارات الكاملة',

  'scope.names': 'الأسماء من',
  'scope.events': 'الأحداث نفسها',
  'scope.case': 'الرحلة',
  'scope.case.map': 'كما تقول الخريطة',
  'scope.case.customer': 'كل ما للعميل الواحد',
  'scope.case.instance': 'حتى انقطاع طويل',
  'scope.caseHint': 'ما يُعدّ رحلة واحدة. الرحلة لا تتجاوز عميلًا واحدًا أبدًا.',

  'explore.panel': 'عن هذا الرقم',
  'explore.other': 'ليس على الخريطة',
  'explore.unknown': 'غير معروف',
  'explore.nobody': 'لا أحد في هذا النطاق. يمكن إزالة عامل تصفية أو اختيار فترة أطول.',
  'explore.share': 'النسبة',
  'unit.journeys': { zero: 'رحلات', one: 'رحلة', two: 'رحلتان', few: 'رحلات', many: 'رحلة', other: 'رحلة' },
  'people.total': { zero: 'لا أشخاص', one: 'شخص واحد', two: 'شخصان', few: '{n} أشخاص', many: '{n} شخصًا', other: '{n} شخص' },
  'people.see': { zero: 'لا أشخاص', one: 'عرض الشخص', two: 'عرض الشخصين', few: 'عرض {n} أشخاص', many: 'عرض {n} شخصًا', other: 'عرض {n} شخص' },
  'people.seeThem': 'عرض الأشخاص',

  'ways.title': 'المسارات عبر الرحلة كاملة',
  'ways.text': 'كل رحلة في مسار واحد بالضبط: الخطوات نفسها بالترتيب نفسه.',
  'ways.sum': { zero: 'لم تسلك {journeys} رحلة أي مسار.', one: 'سلكت {journeys} رحلة مسارًا واحدًا.', two: 'سلكت {journeys} رحلة مسارين مختلفين.', few: 'سلكت {journeys} رحلة {n} مسارات مختلفة.', many: 'سلكت {journeys} رحلة {n} مسارًا مختلفًا.', other: 'سلكت {journeys} رحلة {n} مسار مختلف.' },
  'ways.show': 'المسارات المعروضة',
  'ways.bar': 'شريطًا',
  'ways.steps': 'الخطوات بالترتيب',
  'ways.notToScale': 'بلا مقياس',
  'ways.rest': { zero: 'لا مسارات أخرى', one: 'مسار آخر', two: 'مساران آخران', few: '{n} مسارات أخرى', many: '{n} مسارًا آخر', other: '{n} مسار آخر' },
  'ways.all': 'كل الرحلات',
  'ways.nth': 'المسار {n} بحسب التكرار',
  'ways.then': ' ثم ',
  'ways.ofAll': 'من كل الرحلات',
  'ways.times': '×{n}',
  'ways.length': 'الخطوات',

  'unit.people': { zero: 'أشخاص', one: 'شخص', two: 'شخصان', few: 'أشخاص', many: 'شخصًا', other: 'شخص' },
  'explore.visits': 'الزيارات',
  'explore.sortBy': 'الترتيب حسب {name}',

  'touch.text': 'متوسط التقييمات مع فترة ثقة 95%، كلها على محور واحد من 0 إلى 100.',
  'touch.by': 'التقسيم حسب',
  'touch.whole': 'بلا تقسيم',
  'touch.view.scores': 'كيف هي',
  'touch.view.inventory': 'الجرد',
  'touch.score': 'درجة التجربة، فترة الثقة 95%',
  'touch.again': 'عادوا إليها',
  'touch.againText': 'رحلات زارتها أكثر من مرة',
  'touch.half': 'النصف يستغرقون إلى الخطوة التالية أقل من',
  'touch.nine': '9 من 10 يستغرقون أقل من',
  'touch.promises': { zero: '{broken} من دون وعود', one: '{broken} من وعد واحد', two: '{broken} من وعدين', few: '{broken} من {n} وعود', many: '{broken} من {n} وعدًا', other: '{broken} من {n} وعد' },
  'touch.ofN': 'من {n}',
};
