#pragma once

namespace leat::testing {

/// Lets the program see the system otherwise than it is.
///
/// At SIGUSR2 the wall clock jumps 50 minutes ahead, at the next one to 50 minutes behind what is true; the steady clock goes on. A
/// wait for a time of the wall clock that is under way does not notice; a true jump would end or prolong it.
/// @param on_nfs every folder is said to lie on NFS.
void pretend_system(bool on_nfs);

} // namespace leat::testing
