// Svelte with runes everywhere; the build refuses old-style reactivity.
export default { compilerOptions: { runes: true } };
