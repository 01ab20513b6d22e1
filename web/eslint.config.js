// What the page's code is held to beyond types; prettier alone decides how it looks.
import js from '@eslint/js';
import prettier from 'eslint-config-prettier/flat';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/api/schema.d.ts', 'test-results/', 'playwright-report/'] },
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  prettier,
  svelte.configs.prettier,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      // TypeScript looks names up itself
      'no-undef': 'off',
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_$', ignoreRestSiblings: true }],
      // prettier writes {' '} where a space between elements counts
      'svelte/no-useless-mustaches': 'off',
      // sets, maps and dates here are local to a function or replaced as a whole ($state.raw)
      'svelte/prefer-svelte-reactivity': 'off',
      // svelte-check refuses unneeded ones itself, and knows multi-line elements better
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
);
