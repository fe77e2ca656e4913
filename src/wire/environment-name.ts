/** How Lambda lets an environment variable be called (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). */

export const ENVIRONMENT_NAME = /^[a-zA-Z][a-zA-Z0-9_]+$/;

/** The same in words, after 'must'. */
export const ENVIRONMENT_NAME_RULE =
  'begin with a letter, have letters, digits and underscores only, and two characters or more';
