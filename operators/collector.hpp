#pragma once

#include <leat/base/error.hpp>
#include <leat/operators/side_output.hpp>
#include <leat/operators/step.hpp>

#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace leat {

/// Batches that a step has filled and not emitted yet, in order.
///
/// A step that emits without bound gathers here and emits while the flow is open; what stays is at most what one record, or
/// one timer, has led to.
class outbox {
public:
  [[nodiscard]] bool empty() const noexcept { return ready_.empty(); }
  void add(std::size_t port, batch_ptr full) { ready_.emplace_back(port, std::move(full)); }

  /// The oldest batch and the output it is for.
  std::pair<std::size_t, batch_ptr> take() {
    auto first = std::move(ready_.front());
    ready_.pop_front();
    return first;
  }

private:
  std::deque<std::pair<std::size_t, batch_ptr>> ready_;
};

/// The batch that is being filled for one output of a step.
class open_batch {
public:
  virtual ~open_batch() = default;

  /// Hands what is there to the outbox, although it is not full.
  virtual void close() = 0;

  /// Which record type it takes; see `batch_base::record_type`.
  [[nodiscard]] virtual const std::type_info* record_type() const noexcept = 0;
};

/// Takes what a user's function produces; every output gets the event time of the record, or timer, that has led to it.
template <class U>
class collector final : public open_batch {
public:
  collector(outbox& ready, std::size_t port) : ready_{&ready}, port_{port} {}

  /// Emits one record: `out.push(row)`, or `out.push({…})` with the members of one.
  template <class V = U>
  void push(V&& record) {
    push_at(std::forward<V>(record), time_);
  }

  /// Emits one record with an event time of its own.
  template <class V = U>
  void push_at(V&& record, timestamp time) {
    if (!open_)
      open_ = take<U>(*pool_);
    open_->push(std::forward<V>(record), time);
    end_push();
  }

  /// Emits one record that `write(record)` writes over whatever it held before: all of its members.
  template <class Write>
  void fill(Write&& write) {
    if (!open_)
      open_ = take<U>(*pool_);
    open_->push_with(time_, std::forward<Write>(write));
    end_push();
  }

  /// Called by the step: the event time of what is pushed from now on.
  void set_time(timestamp time) noexcept { time_ = time; }

  /// Called by the step: what the record was made of that leads to what is pushed from now on.
  void set_origin(const origin& from) noexcept { from_ = from; }

  void close() override {
    if (open_ && !open_->empty())
      ready_->add(port_, std::move(open_));
    open_.reset();
  }

  [[nodiscard]] const std::type_info* record_type() const noexcept override { return batch<U>::type(); }

private:
  void end_push() {
    open_->set_origin(open_->size() - 1, from_);
    if (open_->full())
      close();
  }

  outbox* const ready_;
  const std::size_t port_;
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<U>();
  boost::intrusive_ptr<batch<U>> open_;
  timestamp time_{};
  origin from_{};
};

/// The side outputs of one step. What is emitted to one that nobody reads is dropped, and counted in `unread`.
class side_outputs {
public:
  side_outputs(outbox& ready, const step_context& context, unread_outputs& unread)
    : ready_{&ready}, step_{context.name}, outputs_{context.side_outputs},
      open_(context.side_outputs.size()), unread_{&unread} {
    unread_->add({}, 0); // can be asked for before there are any
  }

  template <class S>
  void push(const side_output<S>& to, const S& record, timestamp time) {
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      if (outputs_[i].name == to.name) {
        at<S>(i).set_origin(from_);
        return at<S>(i).push_at(record, time);
      }
    unread_->add(to.name, 1);
  }

  /// Called by the step: see `collector::set_origin`.
  void set_origin(const origin& from) noexcept { from_ = from; }

  void close() {
    for (const auto& o : open_)
      if (o)
        o->close();
  }

private:
  template <class S>
  collector<S>& at(std::size_t i) {
    if (*outputs_[i].record_type != typeid(S))
      throw step_error{
        "step '" + step_ + "' emits records to side output \"" + outputs_[i].name +
        "\" that are of another type than .side_output(…) reads there: give both the same side_output<S>"};
    if (!open_[i])
      open_[i] = std::make_unique<collector<S>>(*ready_, i + 1);
    return static_cast<collector<S>&>(*open_[i]);
  }

  outbox* const ready_;
  const std::string step_;
  const std::vector<read_output> outputs_; // output i has port i + 1
  std::vector<std::unique_ptr<open_batch>> open_;
  unread_outputs* const unread_;
  origin from_{};
};

} // namespace leat
