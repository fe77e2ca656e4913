require('./fixture.cjs').define(expect, test);
