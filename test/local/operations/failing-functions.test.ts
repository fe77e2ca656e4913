import { describeFailingFunctions } from './failing-function-cases';

describeFailingFunctions('sample');
