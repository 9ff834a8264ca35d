using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Sync;

/// <summary>How changes are streamed. Configured in the section <c>Sync</c>.</summary>
/// <param name="Heartbeat">A stream is never silent for longer. <c>Sync:Heartbeat</c>, 15 s by default; proxies cut off what is silent for a minute.</param>
/// <param name="PerAccount">How many streams of one account a node keeps at once. <c>Sync:PerAccount</c>, 10 by default.</param>
public sealed record SyncOptions(TimeSpan Heartbeat, int PerAccount)
{
    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static SyncOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var heartbeat = configuration["Sync:Heartbeat"] is not { } time ? TimeSpan.FromSeconds(15)
            : TimeSpan.TryParse(time, CultureInfo.InvariantCulture, out var every) && every >= TimeSpan.FromMilliseconds(100) && every <= TimeSpan.FromSeconds(50)
                ? every
                : throw new InvalidOperationException("Sync:Heartbeat is a time span from 00:00:00.1 to 00:00:50.");
        var most = configuration["Sync:PerAccount"] is not { } number ? 10
            : int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1000
                ? count
                : throw new InvalidOperationException("Sync:PerAccount is a number from 1 to 1000.");
        return new SyncOptions(heartbeat, most);
    }
}
