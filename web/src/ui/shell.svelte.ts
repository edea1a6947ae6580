/** Whether the rail is open as a sheet, on narrow screens. */
export const shell = $state({ menu: false });
