// Starts the page: theme and language on the document, the conversation with the server, the panels.
import { mount } from 'svelte';
import './app.css';
import { pick, t } from './i18n';
import { fetchEnglish } from './i18n/english.svelte';
import App from './panels/App.svelte';
import { dataset, start } from './state/data.svelte';
import { watchLink } from './state/connection.svelte';
import { roundLink } from './state/oneTimeLink.svelte';
import { lang, theme } from './state/view.svelte';

// a page that is read in English begins in English
if (lang() === 'en') await fetchEnglish().catch(() => null);
$effect.root(() => {
  $effect(() => {
    // without them the page stays in Chinese, which is better than none
    if (lang() === 'en') void fetchEnglish().catch(() => null);
  });
  $effect(() => {
    document.documentElement.dataset.theme = theme();
    document.documentElement.lang = lang() === 'en' ? 'en' : 'zh-CN';
    const title = pick(dataset.value?.title);
    document.title = title ? `${t('app.name')} · ${title}` : t('app.name');
  });
});
if (!roundLink.round) {
  start();
  watchLink();
}
mount(App, { target: document.getElementById('app')! });
