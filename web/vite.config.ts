import { svelte } from '@sveltejs/vite-plugin-svelte';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { build } from 'vite';
import { defineConfig } from 'vitest/config';

const SHELL_BYTES_MAX = 120 * 1024;

/*
 * Puts NAME.br and NAME.gz beside every file that gets smaller by it; the
 * server carries all three and sends what the browser takes. Fonts are
 * compressed already and stay alone.
 */
function compressed(): Plugin {
  let out = 'dist';
  return {
    name: 'compressed-variants',
    apply: 'build',
    enforce: 'post',
    configResolved: (c) => { out = c.build.outDir; },
    closeBundle: { sequential: true, order: 'post', handler() {
      const visit = (dir: string): void => {
        for (const name of readdirSync(dir)) {
          const path = join(dir, name);
          if (statSync(path).isDirectory()) { visit(path); continue; }
          if (!/\.(js|css|html|svg|json|txt)$/.test(name)) continue;
          const bytes = readFileSync(path);
          writeFileSync(path + '.gz', gzipSync(bytes, { level: 9 }));
          writeFileSync(path + '.br', brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
        }
      };
      visit(out);
      // The shell is what every first visit waits for: the entry and what it names, without fonts.
      const named = [...readFileSync(join(out, 'index.html'), 'utf8').matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]!);
      const size = named.reduce((sum, n) => sum + statSync(join(out, n + '.gz')).size, 0);
      if (size > SHELL_BYTES_MAX) throw new Error(`the app shell is ${size} bytes gzipped, at most ${SHELL_BYTES_MAX} are allowed`);
      console.log(`app shell: ${size} bytes gzipped`);
    } },
  };
}

/*
 * The survey page and the widget are bundles of their own, without any
 * framework: survey/survey.js with survey/survey.css, and w.js. A respondent
 * loads a page with both of its files in less than 25 KB, a shop's page w.js.
 */
const SURVEY_BYTES_MAX = 25 * 1024;
function surveys(): Plugin {
  let out = 'dist';
  const bundle = async (entry: string, file: string): Promise<void> => {
    await build({
      configFile: false, logLevel: 'error', publicDir: false,
      build: { target: 'es2022', outDir: out, emptyOutDir: false, copyPublicDir: false, reportCompressedSize: false, lib: { entry: join('survey', entry), formats: ['iife'], name: 'cxSurvey', fileName: () => `${file}.js`, cssFileName: file } },
    });
    const size = [`${file}.js`, `${file}.css`].reduce((sum, name) => sum + gzipSync(existsSync(join(out, name)) ? readFileSync(join(out, name)) : Buffer.alloc(0), { level: 9 }).length, 0);
    if (size > SURVEY_BYTES_MAX) throw new Error(`${file} is ${size} bytes gzipped, at most ${SURVEY_BYTES_MAX} are allowed`);
    console.log(`${file}: ${size} bytes gzipped`);
  };
  return {
    name: 'survey-bundles',
    apply: 'build',
    configResolved: (c) => { out = c.build.outDir; },
    closeBundle: { sequential: true, async handler() {
      await bundle('survey.ts', 'survey/survey');
      copyFileSync('node_modules/@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2', join(out, 'survey/vazirmatn.woff2'));
      await bundle('w.ts', 'w');
    } },
  };
}

export default defineConfig({
  plugins: [svelte(), surveys(), compressed()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0, // no data: addresses, the page's policy forbids them
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
  // Vitest asks for the browser's build of Svelte, not the server's.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
});
