package io.logroute.router;

/// Tells of dead letters that were deleted because there are too many or they are too old, wherever they lay.
///
/// @param leaving counts them
record Farewell(String router, String sink, DeadLetters.Leaving leaving) {
    private static final System.Logger LOG = System.getLogger(DeadLetters.class.getName());

    void tell(String why, long letters) {
        if (letters == 0) {
            return;
        }
        leaving.gone(why, letters);
        LOG.log(
                System.Logger.Level.WARNING,
                "Router {0}: the {2} oldest dead letters of sink {1} were deleted: {3}",
                router,
                sink,
                letters,
                why.equals("max_age")
                        ? "they were older than deadLetters.maxAge"
                        : "there were more than deadLetters.maxBytes");
    }

    void cannotDelete(Exception why) {
        if (Thread.currentThread().isInterrupted()) {
            return; // the router is being closed
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "Router {0}: old dead letters of sink {1} were not deleted: {2}; it is tried again",
                router,
                sink,
                why.getMessage());
    }
}
