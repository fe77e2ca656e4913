import { damageManifests, damageTemplates } from './damaged-assembly';

describe('an assembly damaged anywhere is refused in plain words, or deploys', () => {
  it('in its template', () => damageTemplates(60));

  it('in its manifests', () => damageManifests(40));
});
