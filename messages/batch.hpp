#pragma once

#include <leat/base/footprint.hpp>
#include <leat/base/time.hpp>
#include <leat/messages/batch_pool.hpp>
#include <leat/messages/origins.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <typeinfo>
#include <utility>
#include <vector>

namespace leat {

/// The bounds of one batch: whichever is reached first closes it. A single larger record travels alone.
inline constexpr std::size_t max_batch_records = 1024;
inline constexpr std::size_t max_batch_bytes = 256 * 1024;

/// Whether `max_batch_records` records of `T` never weigh more than a batch may: then counting them is enough.
template <class T>
inline constexpr bool bounded_by_count = has_fixed_footprint<T>() && sizeof(T) * max_batch_records <= max_batch_bytes;

class batch_base;

/// How batches travel: by pointer, counted, handed back to their pool by the last holder.
using batch_ptr = boost::intrusive_ptr<batch_base>;

/// Records on their way, all of one type, with a column of event times and one of key hashes beside them, and at times one of
/// what they were made of.
///
/// A batch is what a channel carries and what a step works on: per-record costs (a message, a virtual call, an
/// allocation) are paid once per batch. `batch_base` is the part that needs no record type.
///
/// Slots are recycled, not destroyed: after `clear` the records stay behind as stale objects, and whoever fills the next
/// one overwrites all of it. A string keeps its buffer that way, and steady state allocates nothing.
///
/// Only a `unique()` batch may be changed; a shared one (fan-out) is read-only. Not thread-safe but for the counting:
/// a batch is touched by the actor that holds it.
class batch_base {
public:
  batch_base(const batch_base&) = delete;
  batch_base& operator=(const batch_base&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// What the records take in memory, as weighed by whoever filled the batch.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  /// Whether the batch has reached one of its bounds.
  [[nodiscard]] bool full() const noexcept {
    return size_ >= max_batch_records || bytes_ >= max_batch_bytes || (origins_ && origins_->full());
  }

  /// Whether the caller's pointer is the only one, so that it may change the batch.
  [[nodiscard]] bool unique() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

  /// Event time of each record.
  [[nodiscard]] std::span<timestamp> timestamps() noexcept { return {timestamps_.data(), size_}; }
  [[nodiscard]] std::span<const timestamp> timestamps() const noexcept { return {timestamps_.data(), size_}; }

  /// Hash of each record's key: filled by a keyed channel, meaningless before one.
  [[nodiscard]] std::span<std::uint64_t> key_hashes() noexcept { return {key_hashes_.data(), size_}; }
  [[nodiscard]] std::span<const std::uint64_t> key_hashes() const noexcept { return {key_hashes_.data(), size_}; }

  /// Whether it is known of any record what it was made of.
  [[nodiscard]] bool has_origins() const noexcept { return origins_ && !origins_->empty(); }
  [[nodiscard]] leat::origin origin(std::size_t index) const noexcept {
    return origins_ ? origins_->at(index) : leat::origin{};
  }

  /// Says what record `index` was made of, in the order of the records; nothing when `from` is unknown.
  void set_origin(std::size_t index, const leat::origin& from) {
    if (!from)
      return;
    if (!origins_)
      origins_ = std::make_unique<origin_column>();
    origins_->set(index, from);
  }

  void forget_origins() noexcept {
    if (origins_)
      origins_->clear();
  }

  /// Makes room for `count` more records behind the present ones and returns the first of those slots, which lie
  /// `stride()` bytes apart. They join the batch with `commit`. For writers that know records only by a schema.
  virtual void* reserve(std::size_t count) = 0;

  /// The slot of record `index`.
  [[nodiscard]] virtual const void* data() const noexcept = 0;

  /// Bytes from one record to the next.
  [[nodiscard]] virtual std::size_t stride() const noexcept = 0;

  /// Adds the next `count` reserved slots, which weigh `bytes` together.
  void commit(std::size_t count, std::size_t bytes) noexcept {
    size_ += count;
    bytes_ += bytes;
  }

  /// Removes the records whose flag is false, keeping the order of the others. `keep` has `size()` entries.
  virtual void retain(std::span<const bool> keep) = 0;

  /// Forgets all records; their slots stay.
  void clear() noexcept {
    size_ = 0;
    bytes_ = 0;
    forget_origins();
  }

  /// Identifies the record type; see `batch<T>::of`.
  [[nodiscard]] const std::type_info* record_type() const noexcept { return record_type_; }

protected:
  explicit batch_base(const std::type_info* record_type) noexcept : record_type_{record_type} {}
  virtual ~batch_base() = default;

  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::vector<timestamp> timestamps_;
  std::vector<std::uint64_t> key_hashes_;
  std::unique_ptr<origin_column> origins_; // none before the first one is told

private:
  friend class batch_pool;
  friend void intrusive_ptr_add_ref(batch_base* b) noexcept { b->references_.fetch_add(1, std::memory_order_relaxed); }
  friend void intrusive_ptr_release(batch_base* b) noexcept {
    if (b->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      batch_pool::take_back(b);
  }

  const std::type_info* const record_type_;
  boost::intrusive_ptr<batch_pool> home_; // set while the batch is out of its pool
  std::atomic<std::uint32_t> references_{0};
};

/// A batch whose record type is known.
template <class T>
class batch final : public batch_base {
public:
  batch() noexcept : batch_base{type()} {}

  /// A batch of a pool of its own kind, to start with: `batch_pool::make<T>()` recycles, this does not.
  [[nodiscard]] static boost::intrusive_ptr<batch> fresh() { return boost::intrusive_ptr<batch>{new batch}; }

  /// What `record_type` returns for batches of `T`.
  [[nodiscard]] static const std::type_info* type() noexcept { return &typeid(T); }

  /// The typed view of a batch that is known to hold `T`; a wrong type is a programmer's error.
  [[nodiscard]] static batch& of(batch_base& b) noexcept {
    assert(b.record_type() == type());
    return static_cast<batch&>(b);
  }

  [[nodiscard]] std::span<T> records() noexcept { return {slots_.data(), size_}; }
  [[nodiscard]] std::span<const T> records() const noexcept { return {slots_.data(), size_}; }

  /// Appends a record by assigning to the next slot.
  template <class U>
  void push(U&& record, timestamp when, std::uint64_t key_hash = 0) {
    if (size_ == slots_.size())
      grow(size_ == 0 ? 16 : size_ * 2);
    T& slot = slots_[size_];
    slot = std::forward<U>(record);
    timestamps_[size_] = when;
    key_hashes_[size_] = key_hash;
    ++size_;
    bytes_ += footprint(slot);
  }

  /// Appends a record that `fill(slot)` writes in place, over whatever the slot held before. Nothing is appended when it
  /// throws.
  template <class Fill>
  void push_with(timestamp when, Fill&& fill) {
    if (size_ == slots_.size())
      grow(size_ == 0 ? 16 : size_ * 2);
    T& slot = slots_[size_];
    fill(slot);
    timestamps_[size_] = when;
    ++size_;
    bytes_ += footprint(slot);
  }

  /// Keeps the records for which `predicate(record)` holds, in order.
  template <class Predicate>
  void retain_if(Predicate&& predicate) {
    std::size_t kept = 0;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (!predicate(std::as_const(slots_[i])))
        continue;
      bytes += footprint(slots_[i]);
      if (kept != i)
        move_slot(i, kept);
      ++kept;
    }
    size_ = kept;
    bytes_ = bytes;
    if (origins_)
      origins_->truncate(kept);
  }

  void* reserve(std::size_t count) override {
    if (size_ + count > slots_.size())
      grow(size_ + count);
    return slots_.data() + size_;
  }

  [[nodiscard]] const void* data() const noexcept override { return slots_.data(); }
  [[nodiscard]] std::size_t stride() const noexcept override { return sizeof(T); }

  void retain(std::span<const bool> keep) override {
    const bool* flag = keep.data();
    retain_if([&flag](const T&) { return *flag++; });
  }

private:
  void grow(std::size_t count) {
    slots_.resize(count);
    timestamps_.resize(count);
    key_hashes_.resize(count);
  }

  void move_slot(std::size_t from, std::size_t to) {
    using std::swap;
    swap(slots_[to], slots_[from]); // swapped, not moved: both slots keep their buffers
    timestamps_[to] = timestamps_[from];
    key_hashes_[to] = key_hashes_[from];
    if (origins_)
      origins_->move(from, to);
  }

  std::vector<T> slots_;
};

/// An empty batch of `T` from `pool`, which must have been made for `T`.
template <class T>
boost::intrusive_ptr<batch<T>> take(batch_pool& pool) {
  auto taken = pool.take();
  return boost::intrusive_ptr<batch<T>>{&batch<T>::of(*taken)};
}

/// A pool of batches of `T`.
template <class T>
boost::intrusive_ptr<batch_pool> make_pool(std::size_t keep = default_pool_size) {
  return boost::intrusive_ptr<batch_pool>{new batch_pool{[]() -> batch_base* { return new batch<T>; }, keep}};
}

} // namespace leat
