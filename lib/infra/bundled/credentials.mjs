/** Stands for the SDK's chain of credentials in a function: Lambda gives them by the environment, and the rest of the chain is a tenth of a bundle. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
