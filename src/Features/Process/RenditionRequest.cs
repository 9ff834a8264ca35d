using System.Text.Json;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Process;

/// <summary>A picture of a file as somebody wants to see it.</summary>
/// <param name="Width">Pixels at most; without it the height alone decides.</param>
/// <param name="Height">Pixels at most; without it the width alone decides.</param>
/// <param name="Fit">inside or cover.</param>
/// <param name="Format">webp, jpeg, png or avif.</param>
public sealed record RenditionWish(int? Width = null, int? Height = null, string? Fit = null, string? Format = null)
{
    /// <summary>The same as options of the processor that makes it.</summary>
    public IReadOnlyDictionary<string, JsonElement> ToOptions()
    {
        var options = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in ((string, object?)[])[("width", Width), ("height", Height), ("fit", Fit), ("format", Format)])
        {
            if (value is not null)
                options.Add(name, JsonSerializer.SerializeToElement(value));
        }

        return options;
    }
}

/// <summary>Opens a rendition; it is made when nobody has wanted the same before.</summary>
public sealed record OpenRendition(Caller By, FileId File, RenditionWish Wish) : IRequest<Answer<RenditionContent>>, IAsked;

/// <summary>Makes an address at which one rendition can be seen by whoever has it, for a while.</summary>
public sealed record MakeRenditionLink(Caller By, FileId File, RenditionWish Wish, int Seconds) : IRequest<Answer<RenditionLink>>, IAsked;

/// <summary>Opens what such an address leads to.</summary>
public sealed record OpenRenditionLink(string Token) : IRequest<Answer<RenditionContent>>;

/// <summary>A rendition's bytes.</summary>
/// <param name="Content">Disposed of by the reply.</param>
/// <param name="ETag">Without quotes; what is made anew has another.</param>
public sealed record RenditionContent(Stream Content, string ContentType, string ETag, string Name, DateTimeOffset ModifiedAt);

/// <summary>An address of one rendition.</summary>
/// <param name="Url">Good for whoever has it, as long as its maker may read the file.</param>
/// <param name="ExpiresAt">Until then.</param>
public sealed record RenditionLink(string Url, DateTimeOffset ExpiresAt);

internal sealed class MakeRenditionLinkShape : AbstractValidator<MakeRenditionLink>
{
    /// <summary>A week.</summary>
    public const int MaxSeconds = 7 * 24 * 60 * 60;

    public MakeRenditionLinkShape() => RuleFor(ask => ask.Seconds).InclusiveBetween(1, MaxSeconds);
}
