#pragma once

/// Everything a program needs that describes a pipeline and runs it. Connectors have headers of their own, such as
/// `leat/connectors/kafka.hpp`.

#include <leat/base/error.hpp>
#include <leat/base/time.hpp>
#include <leat/base/version.hpp>
#include <leat/operators/aggregates/count_distinct.hpp>
#include <leat/operators/aggregates/picked_record.hpp>
#include <leat/operators/aggregates/quantile.hpp>
#include <leat/operators/aggregates/top.hpp>
#include <leat/operators/state/aggregating_state.hpp>
#include <leat/operators/state/broadcast_state.hpp>
#include <leat/operators/state/list_state.hpp>
#include <leat/operators/state/map_state.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/operators/state/window_state.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/pipeline/run.hpp>
