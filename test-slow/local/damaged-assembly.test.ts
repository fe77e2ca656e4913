import { damageManifests, damageTemplates } from '../../test/local/engine/damaged-assembly';

describe('an assembly damaged anywhere is refused in plain words, or deploys', () => {
  test('in its template', () => damageTemplates(3_000));

  test('in its manifests', () => damageManifests(1_500));
});
