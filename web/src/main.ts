import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { i18n, remembered } from './lib/i18n.svelte.ts';

await i18n.use(remembered());
const target = document.getElementById('app');
if (target) mount(App, { target });
