using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>How the tree follows the log. Configured in the section <c>Transparency</c>.</summary>
/// <param name="Every">How long events are gathered before a checkpoint covers them. <c>Transparency:Every</c>, 2 seconds by default, at most 10.</param>
/// <param name="CopyEvery">
/// How often a checkpoint is copied into the object store. <c>Transparency:CopyEvery</c>, 10 minutes by default, a second to a day.
/// </param>
public sealed record TransparencyOptions(TimeSpan Every, TimeSpan CopyEvery)
{
    public static readonly TransparencyOptions Default = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static TransparencyOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new TransparencyOptions(
            Span(configuration, "Every", Default.Every, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10)),
            Span(configuration, "CopyEvery", Default.CopyEvery, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)));
    }

    private static TimeSpan Span(IConfiguration configuration, string name, TimeSpan unset, TimeSpan least, TimeSpan most) =>
        configuration[$"Transparency:{name}"] is not { } text ? unset
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= least && span <= most ? span
        : throw new InvalidOperationException($"Transparency:{name} is a time span such as {unset:c}, from {least:c} to {most:c}.");
}
