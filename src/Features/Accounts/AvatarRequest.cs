using MediatR;

namespace EventFiles.Features.Accounts;

/// <summary>The caller is to be shown by this picture.</summary>
/// <param name="Picture">A PNG, JPEG or WebP as it came; read to its end or to where it is too long.</param>
public sealed record ChangeMyAvatar(Caller By, Stream Picture) : IRequest<Answer<Me>>, IAsked;

/// <summary>There is to be no picture of the caller.</summary>
public sealed record RemoveMyAvatar(Caller By) : IRequest<Answer<Done>>, IAsked;

/// <summary>The picture of a person whom the caller may see.</summary>
public sealed record OpenAvatar(Caller By, AccountId Account) : IRequest<Answer<AvatarContent>>, IAsked;

/// <summary>A picture that is of no use any more goes.</summary>
public sealed record ClearAvatar(AvatarId Avatar, AccountId Owner) : IWork;

/// <summary>A picture of a person.</summary>
/// <param name="Content">Seekable; disposed of by the reply.</param>
/// <param name="ChangedAt">Since when it is this one.</param>
public sealed record AvatarContent(AvatarId Avatar, Stream Content, DateTimeOffset ChangedAt);
