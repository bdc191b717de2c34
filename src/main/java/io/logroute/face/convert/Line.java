package io.logroute.face.convert;

/// One line among the filters of a route to be: a step, or words in a comment.
sealed interface Line {
    record Does(Step step) implements Line {}

    record Says(String text) implements Line {}
}
