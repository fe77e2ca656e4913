import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import fixture from './fixture.cjs';

fixture.define(expect, test, { test, beforeAll, afterEach, afterAll });
