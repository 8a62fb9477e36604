#pragma once

#include <leat/messages/batch.hpp>
#include <leat/messages/signal.hpp>

#include <cstdint>

namespace leat {

/// Names one input of a receiver: unique among the channels that lead to it.
using input_id = std::uint32_t;

/// Names one output of a sender: unique among the channels that leave it.
using output_id = std::uint32_t;

/// A batch on a channel. Costs one credit.
struct data_message {
  input_id input = 0;         ///< the receiver's name for the channel
  std::uint64_t sequence = 0; ///< counts data and signals of the channel from 1: a lost message is noticed
  batch_ptr batch;            ///< never null, never empty
};

/// A signal on a channel; in order with the batches, free of credit.
struct signal_message {
  input_id input = 0;         ///< the receiver's name for the channel
  std::uint64_t sequence = 0; ///< counts data and signals of the channel from 1
  leat::signal signal;        ///< what it says
};

/// The receiver has finished batches: the sender may send as many more.
struct credit_message {
  output_id output = 0;      ///< the sender's name for the channel
  std::uint32_t batches = 0; ///< at least 1
};

} // namespace leat
