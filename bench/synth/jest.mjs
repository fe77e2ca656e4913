export const jestVariants = () => [];
export const measureJest = () => '';
