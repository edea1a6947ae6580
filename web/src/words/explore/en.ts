/* The words of the Explore pages; en.ts says the rules. */
export const explore = {
  'nav.ways': 'Ways',

  // scope
  'scope.names': 'Names from',
  'scope.events': 'the events themselves',
  'scope.case': 'Journey',
  'scope.case.map': 'as the map says',
  'scope.case.customer': 'all of one customer',
  'scope.case.instance': 'until a long pause',
  'scope.caseHint': 'What counts as one journey. A journey never crosses customers.',

  // common
  'explore.panel': 'About this figure',
  'explore.other': 'not on the map',
  'explore.unknown': 'unknown',
  'explore.nobody': 'Nobody in this scope. Take a filter away or choose a longer period.',
  'explore.share': 'Share',
  'unit.journeys': { one: 'journey', other: 'journeys' },
  'people.total': { one: '{n} person', other: '{n} people' },
  'people.see': { one: 'See the {n} person', other: 'See the {n} people' },
  'people.seeThem': 'See the people',

  // ways
  'ways.title': 'Ways through the whole journey',
  'ways.text': 'Every journey is in exactly one way: the same steps in the same order.',
  'ways.sum': { one: '{journeys} journeys took one way.', other: '{journeys} journeys took {n} different ways.' },
  'ways.show': 'Ways shown',
  'ways.bar': 'As a bar',
  'ways.steps': 'Steps, in order',
  'ways.notToScale': 'not to scale',
  'ways.rest': { one: 'one other way', other: '{n} other ways' },
  'ways.all': 'all journeys',
  'ways.nth': 'Way {n} by frequency',
  'ways.then': ', then ',
  'ways.ofAll': 'of all journeys',
  'ways.times': '×{n}',
  'ways.length': 'steps',

  'unit.people': { one: 'person', other: 'people' },
  'explore.visits': 'Visits',
  'explore.sortBy': 'Sort by {name}',

  // touchpoints
  'touch.text': 'Mean of the ratings with its 95% interval, all on one axis from 0 to 100.',
  'touch.by': 'Split by',
  'touch.whole': 'nothing',
  'touch.view.scores': 'How they do',
  'touch.view.inventory': 'Inventory',
  'touch.score': 'Experience, 95% interval',
  'touch.again': 'came again',
  'touch.againText': 'journeys that visited more than once',
  'touch.half': 'half take less to the next step than',
  'touch.nine': '9 in 10 take less than',
  'touch.promises': { one: '{broken} of one promise', other: '{broken} of {n} promises' },
  'touch.ofN': 'of {n}',
} as const;
