#pragma once

#include <leat/connectors/sink.hpp>

namespace leat {

/// The part of writers whose records are delivered when they are taken.
class immediate_writer : public sink_writer {
public:
  std::uint64_t mark() final { return ++segment_; }
  std::uint64_t delivered() final { return segment_; }

private:
  std::uint64_t segment_ = 0;
};

} // namespace leat
