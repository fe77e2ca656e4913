/** The console: a page of the local target that shows what happens, and calls functions. */
import { render } from 'preact';
import { App } from './app';
import { store } from './store';

const place = document.getElementById('app');
if (place === null) throw new Error('the page has no place for the console');
store.start();
render(<App />, place);
