using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Search;

/// <summary>How texts are looked after. Configured in the section <c>Search</c>.</summary>
/// <param name="Every">How often is looked for texts that were made and are not kept. <c>Search:Every</c>, an hour by default.</param>
public sealed record SearchOptions(TimeSpan Every)
{
    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static SearchOptions From(IConfiguration configuration) =>
        configuration["Search:Every"] is not { } text ? new SearchOptions(TimeSpan.FromHours(1))
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var every) && every >= TimeSpan.FromSeconds(1) && every <= TimeSpan.FromDays(31)
            ? new SearchOptions(every)
            : throw new InvalidOperationException("Search:Every is a time span from 00:00:01 to 31 days.");
}
