#pragma once

#include <leat/messages/channel.hpp>

namespace leat {

/// The way to the receiver of one channel: its mailbox, or a fake in tests. Delivers in order, never blocks, never refuses.
class downstream_link {
public:
  virtual ~downstream_link() = default;
  virtual void deliver(data_message message) = 0;
  virtual void deliver(signal_message message) = 0;
};

/// The way back to the sender of one channel: returns credit.
class upstream_link {
public:
  virtual ~upstream_link() = default;
  virtual void refund(std::uint32_t batches) = 0;
};

} // namespace leat
