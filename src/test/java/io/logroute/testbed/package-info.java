/// Real servers for the tests, installed by `src/testbed/install.sh`. Each starts when a test
/// first asks for it, is shared by all tests of the JVM, and ends with it.
///
/// The one rule: a server that is missing fails the test where `CI` is set, and else skips it
/// saying what to run.
@NullMarked
package io.logroute.testbed;

import org.jspecify.annotations.NullMarked;
