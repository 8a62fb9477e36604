#pragma once

/// Sources and sinks inside the program, in the typed API.

#include <leat/connectors/local/callback.hpp>
#include <leat/connectors/local/collection.hpp>
#include <leat/connectors/local/console_sink.hpp>
#include <leat/connectors/local/generator.hpp>
