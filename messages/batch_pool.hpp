#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <mutex>
#include <vector>

namespace leat {

class batch_base;

/// How many idle batches a pool keeps: what one producer has in flight over a few channels at the default credit.
inline constexpr std::size_t default_pool_size = 64;

/// Recycles the batches of one producer, so that steady state allocates nothing.
///
/// A producer takes a batch, fills it and sends it off; the last actor that drops the pointer, on whatever thread, puts
/// it back here. Beyond `keep` idle batches the surplus is freed. The pool lives as long as its owner or any batch that
/// is out, whichever is longer.
///
/// Thread-safe. Invariant: a batch is either in `idle_` (reference count 0, `home_` null) or out (count > 0, `home_` set).
class batch_pool : public boost::intrusive_ref_counter<batch_pool, boost::thread_safe_counter> {
public:
  using factory = batch_base* (*)();

  /// @param make returns a new batch of the one record type this pool is for.
  batch_pool(factory make, std::size_t keep);
  ~batch_pool();

  batch_pool(const batch_pool&) = delete;
  batch_pool& operator=(const batch_pool&) = delete;

  /// An empty batch.
  [[nodiscard]] boost::intrusive_ptr<batch_base> take();

  /// How many batches wait to be taken.
  [[nodiscard]] std::size_t idle() const;

  /// The last reference to `b` is gone: back to its pool, or freed when it has none. Called by `batch_ptr` only.
  static void take_back(batch_base* b) noexcept;

private:
  bool keep_idle(batch_base* b) noexcept;

  const factory make_;
  const std::size_t keep_;
  mutable std::mutex m_;
  std::vector<batch_base*> idle_; // guarded by m_; capacity reserved for keep_ at construction
};

} // namespace leat
