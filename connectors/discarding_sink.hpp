#pragma once

#include <leat/connectors/immediate_writer.hpp>

namespace leat {

/// Takes everything and writes nothing: where dead letters go when `dead-letters.enabled` is false. They were counted on
/// their way here.
class discarding_sink final : public sink {
public:
  void open(const connector_context&) override {}

  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override {
    return std::make_unique<writer>();
  }

private:
  class writer final : public immediate_writer {
  public:
    std::size_t write(const batch_base& in, std::size_t from) override { return in.size() - from; }
  };
};

} // namespace leat
