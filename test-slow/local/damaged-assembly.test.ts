import { damageManifests, damageTemplates } from '../../test/local/engine/damaged-assembly';

jest.setTimeout(300_000);

describe('an assembly damaged anywhere is refused in plain words, or deploys', () => {
  it('in its template', () => damageTemplates(3_000));

  it('in its manifests', () => damageManifests(1_500));
});
