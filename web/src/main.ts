import './app.css';
import { mount } from 'svelte';
import { watchScrollers } from './lib/scrolls.ts';
import App from './App.svelte';
import { i18n, remembered } from './lib/i18n.svelte.ts';

await i18n.use(remembered());
watchScrollers();
const target = document.getElementById('app');
if (target) mount(App, { target });
