import { damageManifests, damageTemplates } from '../../test/local/engine/damaged-assembly';

jest.setTimeout(300_000);

describe('an assembly damaged anywhere is refused in plain words, or deploys', () => {
  test('in its template', () => damageTemplates(3_000));

  test('in its manifests', () => damageManifests(1_500));
});
