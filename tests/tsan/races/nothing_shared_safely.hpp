#pragma once

// Seeds a race: what is included after this has mutexes that do not lock (LEAT_NO_LOCKS) or atomics that are plain
// variables (LEAT_NO_ATOMICS). The classes under test are compiled as they are, so that nothing in them has to know. All
// that they include themselves comes first, untouched. Adding names to `std` is no more correct than the race; no other
// program links this.

#include <leat/base/error.hpp>
#include <leat/base/footprint.hpp>
#include <leat/base/settings.hpp>
#include <leat/base/time.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace std {

struct mutex_that_does_not_lock {
  void lock() {}
  void unlock() {}
};

template <class T>
struct plain_variable {
  T value{};

  T load(memory_order) const { return value; }
  void store(T next, memory_order) { value = next; }
  T exchange(T next, memory_order) { return std::exchange(value, next); }
  T fetch_add(T n, memory_order) { return std::exchange(value, value + n); }
  T fetch_sub(T n, memory_order) { return std::exchange(value, value - n); }
};

} // namespace std

#ifdef LEAT_NO_LOCKS
#define mutex mutex_that_does_not_lock
#define condition_variable condition_variable_any
#endif
#ifdef LEAT_NO_ATOMICS
#define atomic plain_variable
#endif
