#pragma once

#include <string>

namespace leat {

/// Names a second output of a step, for records of type `S`. The same object is given to the step's function, to emit to,
/// and to `stream::side_output`, to read from:
///
///     const side_output<transaction> refused{"refused"};
template <class S>
struct side_output {
  using record = S;
  std::string name; ///< unique among the outputs of its step
};

} // namespace leat
