using MediatR;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>
/// Has what people change bear from which of their addresses it came: as a number, for the address itself is personal and
/// stands in no header. Questions are not noted.
/// </summary>
internal sealed class AddressBehavior<TRequest, TResponse>(IEnumerable<IAddressBook> books) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IAnswer<TResponse>
{
    private readonly IAddressBook? book = books.FirstOrDefault();

    public async Task<TResponse> Handle(
        TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var origin = Origin.Current;
        if (book is not null && request is IAsked
            && origin is { Actor: { } who, Address: { } address, AddressNumber: null, IsQuestion: false })
            Origin.Current = origin with { AddressNumber = await book.Number(who, address, cancellationToken) };
        return await next();
    }
}
