using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>How the tree follows the log. Configured in the section <c>Transparency</c>.</summary>
/// <param name="Every">How long events are gathered before a checkpoint covers them. <c>Transparency:Every</c>, 2 seconds by default, at most 10.</param>
public sealed record TransparencyOptions(TimeSpan Every)
{
    public static readonly TransparencyOptions Default = new(TimeSpan.FromSeconds(2));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static TransparencyOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration["Transparency:Every"] is not { } text ? Default
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.FromMilliseconds(10) && span <= TimeSpan.FromSeconds(10)
                ? new TransparencyOptions(span)
                : throw new InvalidOperationException("Transparency:Every is a time span such as 00:00:02, at most ten seconds.");
    }
}
