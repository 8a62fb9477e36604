#pragma once

#include <leat/connectors/event_time.hpp>
#include <leat/connectors/spec.hpp>

#include <memory>
#include <string>
#include <utility>

namespace leat::testing {

/// Reads what another source reads, a record at a time, and has the watermark follow each: a reader that says that it is
/// drained makes its actor say the watermark.
template <class T>
class one_at_a_time_source final : public source {
public:
  explicit one_at_a_time_source(std::shared_ptr<source> from) : from_{std::move(from)} {}

  std::vector<partition> open(const connector_context& context) override { return from_->open(context); }

  std::unique_ptr<partition_reader> make_reader(const partition& which, waker wake) override {
    return std::make_unique<reader>(from_->make_reader(which, wake), wake);
  }

private:
  class reader final : public partition_reader {
  public:
    reader(std::unique_ptr<partition_reader> from, waker wake) : from_{std::move(from)}, wake_{std::move(wake)} {}

    read_status read(batch_base& out, batch<dead_letter>& rejected) override {
      if (next_ == read_->size()) {
        if (status_ == read_status::ended)
          return status_;
        read_->clear();
        next_ = 0;
        status_ = from_->read(*read_, rejected);
      }
      if (next_ < read_->size()) {
        batch<T>::of(out).push(read_->records()[next_], read_->timestamps()[next_]);
        ++next_;
      }
      wake_(); // there is more, or the end
      return read_status::drained;
    }

    [[nodiscard]] std::int64_t position() const override { return from_->position(); }
    void commit(std::int64_t, timestamp) override {}

  private:
    const std::unique_ptr<partition_reader> from_;
    const waker wake_;
    boost::intrusive_ptr<batch<T>> read_ = batch<T>::fresh();
    std::size_t next_ = 0;
    read_status status_ = read_status::more;
  };

  const std::shared_ptr<source> from_;
};

/// Describes it to the typed API.
template <class Spec>
class one_at_a_time {
public:
  using record = typename Spec::record;

  explicit one_at_a_time(Spec spec) : spec_{std::move(spec)} {}

  [[nodiscard]] std::string name() const { return spec_.name(); }
  [[nodiscard]] const watermark_rule& watermarks() const { return spec_.watermarks(); }
  [[nodiscard]] std::shared_ptr<source> make_source() const {
    return std::make_shared<one_at_a_time_source<record>>(spec_.make_source());
  }
  [[nodiscard]] std::shared_ptr<sink> make_dead_letters() const { return nullptr; }

private:
  Spec spec_;
};

} // namespace leat::testing
