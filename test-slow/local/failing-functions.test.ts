import { describeFailingFunctions } from '../../test/local/operations/failing-function-cases';

describeFailingFunctions('all');
