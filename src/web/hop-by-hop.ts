/** Headers that concern a connection. It is the front end's, and so is its framing. */
export const HOP_BY_HOP = /^(connection|keep-alive|transfer-encoding|upgrade|te|trailer|proxy-.*)$/;
