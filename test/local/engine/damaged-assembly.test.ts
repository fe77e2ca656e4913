import { damageManifests, damageTemplates } from './damaged-assembly';

describe('an assembly damaged anywhere is refused in plain words, or deploys', () => {
  test('in its template', () => damageTemplates(60));

  test('in its manifests', () => damageManifests(40));
});
