#pragma once

#include <leat/base/encodable.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/error.hpp>
#include <leat/base/user_code.hpp>
#include <leat/messages/batch.hpp>
#include <leat/messages/letter_maker.hpp>

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// The side output of a step by which its dead letters leave.
inline constexpr const char* refusals_output = "dead letters";

/// The records that a step refuses, on their way to be dead letters.
///
/// What is no record's fault is not caught: an exception of Leat's own, or that there is no memory.
class refusals {
public:
  /// @param letters null: nobody has asked for dead letters, so nothing is refused.
  explicit refusals(std::shared_ptr<letter_maker> letters) : maker_{std::move(letters)} {}

  [[nodiscard]] bool wanted() const noexcept { return maker_ != nullptr; }

  /// See `letter_maker::on_records`.
  void on_records(std::size_t count) {
    if (maker_)
      maker_->on_records(count);
  }

  /// To be called while an exception of the user's function is being handled: its texts are the reasons.
  /// @param from what the record was made of.
  template <class T>
  void add_thrown(const T& record, timestamp time, const origin& from) {
    try {
      throw;
    } catch (const error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (...) {
      add(stack_of(std::current_exception()), record, time, from);
    }
  }

  /// @param why see `letter_maker::make`.
  template <class T>
  void add(std::vector<std::string> why, const T& record, timestamp time, const origin& from) {
    if (!letters_)
      letters_ = take<dead_letter>(*pool_);
    if (from)
      letters_->push(maker_->make(std::move(why), from), time);
    else if constexpr (encodable<T>)
      letters_->push(maker_->make(std::move(why), time, &encoded_type_of<T>(), encoded(record)), time);
    else
      letters_->push(maker_->make(std::move(why), time, nullptr, {}), time);
  }

  /// Those since the last call; null when there are none.
  [[nodiscard]] batch_ptr take_letters() noexcept { return std::move(letters_); }

private:
  const std::shared_ptr<letter_maker> maker_;
  const boost::intrusive_ptr<batch_pool> pool_ = maker_ ? make_pool<dead_letter>() : nullptr;
  boost::intrusive_ptr<batch<dead_letter>> letters_;
};

} // namespace leat
