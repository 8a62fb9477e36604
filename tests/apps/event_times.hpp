#pragma once

#include <leat/base/time.hpp>

#include <cstdint>

namespace leat::testing {

/// A time of events that is so many seconds after the first.
inline timestamp at(std::int64_t second) { return from_millis(1'700'000'000'000 + second * 1000); }

} // namespace leat::testing
