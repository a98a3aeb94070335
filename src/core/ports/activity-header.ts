/**
 * The request header with which a client says that a call is no use of the session, such as one of many polls. The value
 * is `passive`. A client can only shorten its own session with it.
 */
export const activityHeader = 'session-activity';

export const passiveActivity = 'passive';
