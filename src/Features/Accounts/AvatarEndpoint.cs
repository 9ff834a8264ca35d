using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class AvatarEndpoint
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var avatars = api.MapGroup("").WithTags("Accounts");
        avatars.MapPut("/api/me/avatar", Change).WithName("changeAvatar")
            .WithSummary("Sets the picture that you are shown by")
            .WithDescription(
                "The body is a PNG, JPEG or WebP of at most 5 MiB. A square is cut out of its middle and kept as a WebP of at most "
                + "256 pixels a side, with nothing that the picture told besides: neither place nor camera. Whoever may see you is "
                + "shown it: who is in a group with you, and who shares something with you. It takes up none of your space.")
            .Accepts<Stream>("image/png", "image/jpeg", "image/webp")
            .Produces<Me>()
            .Refuses(No.AvatarTooLarge, No.AvatarType, No.AvatarTooManyPixels, No.AvatarUnreadable, No.TooManyAvatars);

        // What a picture is its bytes tell, whatever the client calls them.
        avatars.MapPut("/api/me/avatar", Change).ExcludeFromDescription();
        avatars.MapDelete("/api/me/avatar", Remove).WithName("removeAvatar")
            .WithSummary("Removes the picture that you are shown by")
            .Produces(StatusCodes.Status204NoContent);
        avatars.MapGet("/api/people/{id:guid}/avatar", Read).WithName("getAvatar")
            .WithSummary("The picture of somebody who is in a group with you or shares something with you, or your own")
            .Produces<Stream>(StatusCodes.Status200OK, "image/webp")
            .Produces(StatusCodes.Status304NotModified)
            .Refuses(No.NoAvatar);
    }

    private static async Task<IResult> Change(Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel)
    {
        // It is the handler that says what is too long, by a code.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        return (await mediator.Send(new ChangeMyAvatar(caller, context.Request.Body), cancel)).ToHttp(TypedResults.Ok);
    }

    private static async Task<IResult> Remove(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RemoveMyAvatar(caller), cancel)).ToHttp();

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenAvatar(caller, new(id)), cancel)).ToHttp(made => Download.Of(
            made.Content, "image/webp", made.Avatar.ToString(), null, "avatar.webp", made.ChangedAt, inline: true));
}
