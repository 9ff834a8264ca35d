using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Scan;

/// <summary>How what was scanned is scanned again. Configured in the section <c>Scan</c>.</summary>
/// <param name="Every">How often is looked for new signatures and for what was missed. <c>Scan:Every</c>, a minute by default.</param>
/// <param name="AtOnce">How many versions are looked at each time at most. <c>Scan:AtOnce</c>, 200 by default.</param>
public sealed record ScanOptions(TimeSpan Every, int AtOnce)
{
    /// <summary>
    /// How long a new version may wait for the scanner before that is told as overdue. <c>Scan:Within</c>, five minutes by
    /// default; it is noticed by the next look.
    /// </summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(5);

    public static readonly ScanOptions Default = new(TimeSpan.FromMinutes(1), 200);

    /// <summary>A version that its own work has not reached after so long is looked for.</summary>
    public static readonly TimeSpan MissedAfter = TimeSpan.FromMinutes(5);

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static ScanOptions From(IConfiguration configuration)
    {
        var options = Default;
        if (configuration["Scan:Every"] is { } text)
        {
            options = TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var every)
                && every >= TimeSpan.FromMilliseconds(100) && every <= TimeSpan.FromDays(1)
                ? options with { Every = every }
                : throw new InvalidOperationException("Scan:Every is a time span from 00:00:00.1 to a day.");
        }

        if (configuration["Scan:AtOnce"] is { } number)
        {
            options = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var atOnce) && atOnce is >= 1 and <= 100_000
                ? options with { AtOnce = atOnce }
                : throw new InvalidOperationException("Scan:AtOnce is a number from 1 to 100000.");
        }

        if (configuration["Scan:Within"] is { } limit)
        {
            options = TimeSpan.TryParse(limit, CultureInfo.InvariantCulture, out var within)
                && within >= TimeSpan.FromMilliseconds(100) && within <= TimeSpan.FromDays(1)
                ? options with { Within = within }
                : throw new InvalidOperationException("Scan:Within is a time span from 00:00:00.1 to a day.");
        }

        return options;
    }
}
